"""What the market does: trend and seasons by segment and region, forecasts, new products."""

from .forecast import Outlook, forecast
from .launches import Launch, launch_amounts
from .series import Movement, movement

__all__ = ["Launch", "Movement", "Outlook", "forecast", "launch_amounts", "movement"]
