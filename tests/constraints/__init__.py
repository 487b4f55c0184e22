"""Each constraint of the database, asked by going around the code."""
