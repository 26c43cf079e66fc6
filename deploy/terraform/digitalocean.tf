# PostgreSQL, MySQL and Valkey (Redis) from one provider.

resource "digitalocean_database_cluster" "postgresql" {
  name       = "${var.name}-postgresql"
  engine     = "pg"
  version    = "17"
  size       = var.database_size
  region     = local.digitalocean_region
  node_count = 1
}

# The services make their schemas themselves, as the one user who owns the database.
resource "digitalocean_database_db" "postgresql" {
  cluster_id = digitalocean_database_cluster.postgresql.id
  name       = "lavka"
}

resource "digitalocean_database_cluster" "mysql" {
  name       = "${var.name}-mysql"
  engine     = "mysql"
  version    = "8"
  size       = var.database_size
  region     = local.digitalocean_region
  node_count = 1
}

resource "digitalocean_database_db" "mysql" {
  cluster_id = digitalocean_database_cluster.mysql.id
  name       = "lavka"
}

resource "digitalocean_database_cluster" "redis" {
  name       = "${var.name}-redis"
  engine     = "valkey"
  version    = "8"
  size       = var.database_size
  region     = local.digitalocean_region
  node_count = 1
  # Couriers, routes and subscriptions must not be evicted as a cache is.
  eviction_policy = "noeviction"
}

resource "digitalocean_database_firewall" "databases" {
  for_each = {
    postgresql = digitalocean_database_cluster.postgresql.id
    mysql      = digitalocean_database_cluster.mysql.id
    redis      = digitalocean_database_cluster.redis.id
  }
  cluster_id = each.value

  rule {
    type  = "ip_addr"
    value = var.allowed_ip
  }
}

# The authorities that signed the certificates of PostgreSQL and MySQL; Valkey's is one that systems
# know.
data "digitalocean_database_ca" "postgresql" {
  cluster_id = digitalocean_database_cluster.postgresql.id
}

data "digitalocean_database_ca" "mysql" {
  cluster_id = digitalocean_database_cluster.mysql.id
}
