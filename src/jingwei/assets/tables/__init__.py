"""Tables in files: XLSX and CSV to rows of cells and back. Asks the database nothing."""
