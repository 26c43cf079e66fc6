resource "cloudamqp_instance" "rabbitmq" {
  name   = "${var.name}-rabbitmq"
  plan   = var.rabbitmq_plan
  region = "amazon-web-services::${local.aws_region}"
}
