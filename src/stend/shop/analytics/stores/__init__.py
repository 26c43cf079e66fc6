"""The warehouse: Parquet files, the manifest that names them, and the marts over them."""
