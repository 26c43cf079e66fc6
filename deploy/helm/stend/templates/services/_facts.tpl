{{/* Where a service of this release is found: {root, service}. */}}
{{- define "stend.serviceName" -}}
{{- printf "%s-%s" (include "stend.fullname" .root) .service -}}
{{- end -}}

{{/* The highest number of pods that a service may have: {root, service}. */}}
{{- define "stend.mostReplicas" -}}
{{- $wanted := index .root.Values.services .service -}}
{{- if and $wanted.autoscaling $wanted.autoscaling.enabled -}}
{{- int $wanted.autoscaling.maxReplicas -}}
{{- else -}}
{{- default 1 $wanted.replicas | int -}}
{{- end -}}
{{- end -}}

{{/* Who issues tokens. */}}
{{- define "stend.authUrl" -}}
{{- default (printf "http://%s:8000" (include "stend.serviceName" (dict "root" . "service" "identity"))) .Values.auth.url -}}
{{- end -}}

{{/* The variable that tells where a service is: {root, service}. */}}
{{- define "stend.peerEnv" -}}
{{- $at := include "stend.serviceName" . -}}
{{- if eq .service "payments" -}}
- name: STEND_PAYMENTS_URL
  value: http://{{ $at }}:8000/soap/bank
{{- else if eq .service "loyalty" -}}
- name: STEND_LOYALTY_URL
  value: http://{{ $at }}:8000/rpc/loyalty
{{- else if eq .service "delivery" -}}
- name: STEND_DELIVERY_GRPC_TARGET
  value: {{ $at }}:8002
{{- else -}}
{{- fail (printf "files/services.yaml: no setting tells where %s is" .service) -}}
{{- end -}}
{{- end -}}

{{/* The port by which other services call one: gRPC where there is no path of HTTP: {facts}. */}}
{{- define "stend.calledPort" -}}
{{- if .facts.paths -}}8000
{{- else if .facts.grpc -}}{{- int .facts.grpc.port -}}
{{- else -}}8000
{{- end -}}
{{- end -}}
