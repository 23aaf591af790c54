"""Early warning, plans and casework for keeping children in compulsory education."""

__version__ = "0.1.0"
