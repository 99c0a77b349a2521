"""The year once more, slow and in plain Python, written from the documents by someone who had not read the program."""
