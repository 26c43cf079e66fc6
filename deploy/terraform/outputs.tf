locals {
  # In an address a space is %20; urlencode makes the + of forms of it.
  ca_file = replace(urlencode(abspath("${path.module}/${var.ca_file}")), "+", "%20")
  passwords = {
    for name, cluster in {
      postgresql = digitalocean_database_cluster.postgresql
      mysql      = digitalocean_database_cluster.mysql
      redis      = digitalocean_database_cluster.redis
    } : name => replace(urlencode(cluster.password), "+", "%20")
  }

  # A private authority signs for this account alone, so it is checked, and not the name: whether
  # DigitalOcean's certificates carry the name under which they are reached is nowhere promised.
  postgresql_url = format(
    "postgresql://%s:%s@%s:%d/%s?sslmode=verify-ca&sslrootcert=%s",
    digitalocean_database_cluster.postgresql.user,
    local.passwords.postgresql,
    digitalocean_database_cluster.postgresql.host,
    digitalocean_database_cluster.postgresql.port,
    digitalocean_database_db.postgresql.name,
    local.ca_file,
  )
  mysql_url = format(
    "mysql://%s:%s@%s:%d/%s?ssl-mode=VERIFY_CA&ssl-ca=%s",
    digitalocean_database_cluster.mysql.user,
    local.passwords.mysql,
    digitalocean_database_cluster.mysql.host,
    digitalocean_database_cluster.mysql.port,
    digitalocean_database_db.mysql.name,
    local.ca_file,
  )
  redis_url = format(
    "rediss://%s:%s@%s:%d/0",
    digitalocean_database_cluster.redis.user,
    local.passwords.redis,
    digitalocean_database_cluster.redis.host,
    digitalocean_database_cluster.redis.port,
  )
  mongodb_host = trimprefix(
    mongodbatlas_advanced_cluster.mongodb.connection_strings.standard_srv,
    "mongodb+srv://",
  )
  mongodb_url = format(
    "mongodb+srv://%s:%s@%s/lavka?retryWrites=true&w=majority",
    mongodbatlas_database_user.catalog.username,
    random_password.mongodb.result,
    local.mongodb_host,
  )
}

output "stend_toml" {
  description = "The settings file of `stend up --engines external`."
  sensitive   = true
  value       = <<-EOT
    [stand]
    engines = "external"

    [postgresql]
    url = ${jsonencode(local.postgresql_url)}

    [mysql]
    url = ${jsonencode(local.mysql_url)}

    [mongodb]
    url = ${jsonencode(local.mongodb_url)}

    [redis]
    url = ${jsonencode(local.redis_url)}

    [amqp]
    url = ${jsonencode(cloudamqp_instance.rabbitmq.url)}
    management_url = ${jsonencode("https://${cloudamqp_instance.rabbitmq.host}")}

    [kafka]
    url = ${jsonencode(trimprefix(confluent_kafka_cluster.kafka.bootstrap_endpoint, "SASL_SSL://"))}
    security_protocol = "SASL_SSL"
    sasl_username = ${jsonencode(confluent_api_key.shop.id)}
    sasl_password = ${jsonencode(confluent_api_key.shop.secret)}

    # The smallest PostgreSQL takes 22 connections.
    [orders]
    pool_size = 1
  EOT

  # What the addresses lead to is of use only when it may be used.
  depends_on = [
    confluent_kafka_acl.shop,
    confluent_kafka_topic.topics,
    digitalocean_database_firewall.databases,
    mongodbatlas_project_ip_access_list.stand,
  ]
}

output "ca_pem" {
  description = "Certificates of the authorities of PostgreSQL and MySQL, for the file var.ca_file."
  value = join("\n", distinct([
    trimspace(data.digitalocean_database_ca.postgresql.certificate),
    trimspace(data.digitalocean_database_ca.mysql.certificate),
    "",
  ]))
}
