"""Pages and tables for people: HTML reports and what the terminal prints."""
