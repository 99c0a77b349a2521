"""What is recorded of an economy every year; units in one table."""
