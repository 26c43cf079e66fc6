"""What every service stands on: deadlines, migrations, brokers, access. Knows no service."""
