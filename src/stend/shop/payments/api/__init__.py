"""The protocols of the bank: SOAP, and nothing younger."""
