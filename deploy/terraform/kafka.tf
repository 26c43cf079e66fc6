resource "confluent_environment" "stand" {
  display_name = var.name
}

resource "confluent_kafka_cluster" "kafka" {
  display_name = "${var.name}-kafka"
  availability = "SINGLE_ZONE"
  cloud        = "AWS"
  region       = local.aws_region

  basic {}

  environment {
    id = confluent_environment.stand.id
  }
}

# Who makes topics and says who may use them; the shop never has this key.
resource "confluent_service_account" "keeper" {
  display_name = "${var.name}-keeper"
  description  = "Makes the topics of the stand and their ACLs"
}

resource "confluent_role_binding" "keeper" {
  principal   = "User:${confluent_service_account.keeper.id}"
  role_name   = "CloudClusterAdmin"
  crn_pattern = confluent_kafka_cluster.kafka.rbac_crn
}

resource "confluent_api_key" "keeper" {
  display_name = "${var.name}-keeper"

  owner {
    id          = confluent_service_account.keeper.id
    api_version = confluent_service_account.keeper.api_version
    kind        = confluent_service_account.keeper.kind
  }

  managed_resource {
    id          = confluent_kafka_cluster.kafka.id
    api_version = confluent_kafka_cluster.kafka.api_version
    kind        = confluent_kafka_cluster.kafka.kind

    environment {
      id = confluent_environment.stand.id
    }
  }

  # A key of an account without its role makes no topics.
  depends_on = [confluent_role_binding.keeper]
}

# The services of the shop, all with one key.
resource "confluent_service_account" "shop" {
  display_name = "${var.name}-shop"
  description  = "Services of the stand: reads and writes topics, makes none"
}

resource "confluent_api_key" "shop" {
  display_name = "${var.name}-shop"

  owner {
    id          = confluent_service_account.shop.id
    api_version = confluent_service_account.shop.api_version
    kind        = confluent_service_account.shop.kind
  }

  managed_resource {
    id          = confluent_kafka_cluster.kafka.id
    api_version = confluent_kafka_cluster.kafka.api_version
    kind        = confluent_kafka_cluster.kafka.kind

    environment {
      id = confluent_environment.stand.id
    }
  }
}

# Confluent Cloud makes no topic when one is named for the first time, and keeps three replicas.
resource "confluent_kafka_topic" "topics" {
  for_each = {
    "orders.events"        = 3
    "orders.commands"      = 3
    "orders.replies"       = 3
    "orders.commands.dead" = 1
  }
  topic_name       = each.key
  partitions_count = each.value
  rest_endpoint    = confluent_kafka_cluster.kafka.rest_endpoint

  kafka_cluster {
    id = confluent_kafka_cluster.kafka.id
  }

  credentials {
    key    = confluent_api_key.keeper.id
    secret = confluent_api_key.keeper.secret
  }
}

# Everything that the shop reads and writes begins with `orders`, its consumer group, too.
resource "confluent_kafka_acl" "shop" {
  for_each = {
    read_topics  = { resource = "TOPIC", operation = "READ" }
    write_topics = { resource = "TOPIC", operation = "WRITE" }
    read_groups  = { resource = "GROUP", operation = "READ" }
  }
  resource_type = each.value.resource
  resource_name = "orders"
  pattern_type  = "PREFIXED"
  principal     = "User:${confluent_service_account.shop.id}"
  host          = "*"
  operation     = each.value.operation
  permission    = "ALLOW"
  rest_endpoint = confluent_kafka_cluster.kafka.rest_endpoint

  kafka_cluster {
    id = confluent_kafka_cluster.kafka.id
  }

  credentials {
    key    = confluent_api_key.keeper.id
    secret = confluent_api_key.keeper.secret
  }
}
