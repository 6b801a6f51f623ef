"""Figures from the past: other programs' files become records and take the same way as a beacon."""
