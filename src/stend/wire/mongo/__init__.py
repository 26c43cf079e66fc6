"""MongoDB's wire protocol and BSON as bytes: shared by the server and the tap."""
