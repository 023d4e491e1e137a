"""Pretrained word vectors: files in the formats that people have, and those that can be fetched by name.

vector_file     open a file of any format, and read the vectors of chosen words
selection       which words of a file are kept
*_format        one file a format
known           names of vectors, and where fetched ones lie
fetch           downloading them
"""
