"""The admin API, pages and metrics of MockForge."""
