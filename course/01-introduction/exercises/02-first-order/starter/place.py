"""Places the order that comes on standard input, and prints its id and the id of its trace."""

import json
import os
import sys

import httpx

order = json.load(sys.stdin)
answer = httpx.post(f"{os.environ['STEND_URL']}/api/v1/orders", json=order)
print(answer.text)
