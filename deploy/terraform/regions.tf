# One word for a region, and what each provider calls it. Atlas, CloudAMQP and Confluent are asked for
# AWS, where their smallest plans are.
locals {
  regions = {
    frankfurt = { digitalocean = "fra1", aws = "eu-central-1" }
    singapore = { digitalocean = "sgp1", aws = "ap-southeast-1" }
    virginia  = { digitalocean = "nyc3", aws = "us-east-1" }
  }
  digitalocean_region = local.regions[var.region].digitalocean
  aws_region          = local.regions[var.region].aws
}
