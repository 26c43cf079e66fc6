resource "mongodbatlas_project" "stand" {
  name   = var.name
  org_id = var.mongodbatlas_org_id
}

locals {
  is_shared = var.mongodb_size == "M0"
}

resource "mongodbatlas_advanced_cluster" "mongodb" {
  project_id   = mongodbatlas_project.stand.id
  name         = "${var.name}-mongodb"
  cluster_type = "REPLICASET"

  replication_specs = [{
    region_configs = [{
      provider_name         = local.is_shared ? "TENANT" : "AWS"
      backing_provider_name = local.is_shared ? "AWS" : null
      region_name           = upper(replace(local.aws_region, "-", "_"))
      priority              = 7
      electable_specs = {
        instance_size = var.mongodb_size
        node_count    = local.is_shared ? null : 3
      }
    }]
  }]
}

resource "random_password" "mongodb" {
  length  = 32
  special = false
}

resource "mongodbatlas_database_user" "catalog" {
  project_id         = mongodbatlas_project.stand.id
  username           = "catalog"
  password           = random_password.mongodb.result
  auth_database_name = "admin"

  roles {
    role_name     = "readWrite"
    database_name = "lavka"
  }
}

resource "mongodbatlas_project_ip_access_list" "stand" {
  project_id = mongodbatlas_project.stand.id
  ip_address = var.allowed_ip
  comment    = "the machine of the stand"
}
