{{/* What a schema cannot say: one value that asks for another. Each text says what to do. */}}
{{- define "stend.checks" -}}
{{- if eq .Values.image.tag "latest" -}}
{{- fail "image.tag: `latest` is another image tomorrow; name a version, or leave it empty for the chart's own" -}}
{{- end -}}
{{- if eq .Values.auth.ordersClientSecret "orders-demo-secret" -}}
{{- fail "auth.ordersClientSecret: this one is known to everybody; choose a long random text" -}}
{{- end -}}
{{- if and .Values.quota.enabled (eq .Values.layout "services") -}}
{{- fail "quota.enabled: the quota is for the namespace of one stand; nine services need one that you size yourself" -}}
{{- end -}}
{{- if eq .Values.layout "services" -}}
{{- range $engine, $facts := include "stend.engines" . | fromYaml -}}
{{- if not (include "stend.engineSource" (dict "root" $ "engine" $engine)) -}}
{{- fail (printf "engines.%s: layout `services` needs the address of your server: set engines.%s.url, engines.%s.existingSecret.name, or engines.operators.enabled" $engine $engine $engine) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.engines.operators.enabled (eq (include "stend.engineSource" (dict "root" . "engine" "mongodb")) "operator") (not .Values.engines.operators.mongodb.passwordSecret) -}}
{{- fail "engines.operators.mongodb.passwordSecret: the MongoDB operator needs the name of a Secret with the key `password`" -}}
{{- end -}}
{{- $kafka := .Values.engines.kafka -}}
{{- if and (eq $kafka.securityProtocol "SASL_SSL") (not $kafka.sasl.secret) -}}
{{- fail "engines.kafka.sasl.secret: SASL_SSL needs the name of a Secret with a name and a password" -}}
{{- end -}}
{{- if and (ne $kafka.securityProtocol "PLAINTEXT") (not (has (include "stend.engineSource" (dict "root" . "engine" "kafka")) (list "secret" "values"))) -}}
{{- fail "engines.kafka.securityProtocol: TLS is for a Kafka of yours; set engines.kafka.url or engines.kafka.existingSecret.name" -}}
{{- end -}}
{{- if and .Values.auth.required (not .Values.auth.existingSecret) (not .Values.auth.ordersClientSecret) -}}
{{- fail "auth.ordersClientSecret: auth.required needs a secret of your own there, or auth.existingSecret" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.host: an Ingress needs the name by which the stand is found, such as stand.example" -}}
{{- end -}}
{{- if and .Values.ingress.grpc.host (not .Values.ingress.enabled) -}}
{{- fail "ingress.grpc.host is set and ingress.enabled is not: nothing would lead there" -}}
{{- end -}}
{{- if and .Values.ingress.grpc.host (eq .Values.ingress.grpc.host .Values.ingress.host) -}}
{{- fail "ingress.grpc.host is ingress.host: gRPC needs a host of its own, since its annotations hold for the whole of an Ingress" -}}
{{- end -}}
{{- range $name, $_ := include "stend.services" . | fromYaml -}}
{{- with (index $.Values.services $name).autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "services.%s.autoscaling: minReplicas %d is more than maxReplicas %d" $name (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
