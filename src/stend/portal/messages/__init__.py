"""What `/messages` knows: brokers as they are now, and lives of messages as the taps saw them."""
