"""A field force over the 1,055 counties of the Midwest: real counties, invented company."""
