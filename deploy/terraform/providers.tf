provider "digitalocean" {
  token = var.digitalocean_token
}

provider "mongodbatlas" {
  public_key  = var.mongodbatlas_public_key
  private_key = var.mongodbatlas_private_key
}

provider "cloudamqp" {
  apikey = var.cloudamqp_key
}

provider "confluent" {
  cloud_api_key    = var.confluent_key
  cloud_api_secret = var.confluent_secret
}
