variable "name" {
  description = "Name of the stand; every resource begins with it."
  type        = string
  default     = "lavka"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "Expected 2 to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Where the engines are, at every provider: frankfurt, singapore or virginia (DigitalOcean: New York)."
  type        = string
  default     = "frankfurt"

  validation {
    condition     = contains(["frankfurt", "singapore", "virginia"], var.region)
    error_message = "Expected frankfurt, singapore or virginia: the regions that all four providers have."
  }
}

variable "allowed_ip" {
  description = "Public IPv4 address of the machine that the stand runs on; the databases let nobody else in."
  type        = string

  validation {
    condition     = can(cidrhost("${var.allowed_ip}/32", 0)) && !strcontains(var.allowed_ip, ":")
    error_message = "Expected one IPv4 address without a mask, such as 203.0.113.7."
  }
}

variable "ca_file" {
  description = "File of this folder that the output ca_pem will be saved to; stend.toml names it."
  type        = string
  default     = "cloud-ca.pem"

  validation {
    condition     = can(regex("^[^/\\\\]+$", var.ca_file))
    error_message = "Expected the name of a file in this folder, without a path."
  }
}

variable "digitalocean_token" {
  description = "API token of DigitalOcean with the scopes database:create, read, update and delete."
  type        = string
  sensitive   = true
}

variable "mongodbatlas_public_key" {
  description = "Public part of an API key of the Atlas organisation (role Organization Project Creator)."
  type        = string
}

variable "mongodbatlas_private_key" {
  description = "Private part of the same key."
  type        = string
  sensitive   = true
}

variable "mongodbatlas_org_id" {
  description = "Id of the Atlas organisation: 24 hexadecimal digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{24}$", var.mongodbatlas_org_id))
    error_message = "Expected 24 hexadecimal digits, as Organization Settings show them."
  }
}

variable "cloudamqp_key" {
  description = "Key of CloudAMQP's customer API."
  type        = string
  sensitive   = true
}

variable "confluent_key" {
  description = "Cloud API key of Confluent Cloud (resource scope: Cloud resource management)."
  type        = string
}

variable "confluent_secret" {
  description = "Secret of the same key."
  type        = string
  sensitive   = true
}

variable "database_size" {
  description = "DigitalOcean's size of PostgreSQL, MySQL and Valkey; the default is the smallest."
  type        = string
  default     = "db-s-1vcpu-1gb"

  validation {
    condition     = startswith(var.database_size, "db-")
    error_message = "Expected a slug of DigitalOcean that begins with db-, such as db-s-1vcpu-1gb."
  }
}

variable "mongodb_size" {
  description = "Instance size of Atlas: M0 is free; from M10 on it is dedicated and paid for by the hour."
  type        = string
  default     = "M0"

  validation {
    condition     = can(regex("^M(0|[1-9][0-9]+)$", var.mongodb_size))
    error_message = "Expected M0, M10, M20 and so on."
  }
}

variable "rabbitmq_plan" {
  description = "Plan of CloudAMQP: lemur is free and shared."
  type        = string
  default     = "lemur"

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.rabbitmq_plan))
    error_message = "Expected a plan as CloudAMQP spells it, such as lemur or squirrel-1."
  }
}
