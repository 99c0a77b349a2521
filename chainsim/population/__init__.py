"""Who is there: sizes and character of base-year enterprises, their links, and the founding of new ones."""
