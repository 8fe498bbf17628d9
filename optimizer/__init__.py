"""teig."""
