"""The gateway of the stand: the NGINX of a wheel, with certificates of a local authority."""
