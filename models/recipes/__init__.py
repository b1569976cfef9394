"""How each model of the catalogue is trained and judged: one module a data set; the table is models/catalogue.py."""
