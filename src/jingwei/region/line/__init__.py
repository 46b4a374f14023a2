"""The lines to the district's things: whole, slow, lossy, cut or dead, at every port alike."""

from jingwei.region.line.gate import Gate
from jingwei.region.line.weather import Weather, weather_of

__all__ = ["Gate", "Weather", "weather_of"]
