"""What the server does with a model that forecasts."""
