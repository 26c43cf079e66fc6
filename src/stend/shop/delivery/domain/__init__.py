"""The rules of delivery: city.py (streets and ways), delivery.py (what it is), dispatching.py."""
