{{/* Names are asked for by every pod, wherever the cluster keeps its DNS. */}}
{{- define "stend.dnsEgress" -}}
- ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end -}}

{{/* To the pods of one component: {root, component, port}. */}}
{{- define "stend.podEgress" -}}
- to:
    - podSelector:
        matchLabels: {{- include "stend.selector" . | nindent 10 }}
  ports:
    - protocol: TCP
      port: {{ .port }}
{{- end -}}

{{/* Who calls from outside, and who reads metrics: {root, ports}. */}}
{{- define "stend.outsideIngress" -}}
- ports:
    {{- range .ports }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
  {{- with .root.Values.networkPolicy.ingressFrom }}
  from: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "stend.metricsIngress" -}}
{{- with .Values.networkPolicy.metricsFrom -}}
- ports:
    - protocol: TCP
      port: 8000
  from: {{- toYaml . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "stend.otlpEgress" -}}
{{- with .Values.networkPolicy.otlpPort -}}
- ports:
    - protocol: TCP
      port: {{ . }}
{{- end -}}
{{- end -}}

{{/* Who may call a service: {root, service, services}. */}}
{{- define "stend.serviceIngress" -}}
{{- $facts := index .services .service -}}
{{- $root := .root -}}{{- $service := .service -}}
{{- $doors := list -}}
{{- if $facts.paths -}}{{- $doors = append $doors 8000 -}}{{- end -}}
{{- with $facts.grpc -}}{{- $doors = append $doors (int .port) -}}{{- end -}}
{{- if $doors }}
{{ include "stend.outsideIngress" (dict "root" $root "ports" $doors) }}
{{- end }}
{{- with include "stend.metricsIngress" $root }}
{{ . }}
{{- end }}
{{- range $caller, $its := .services }}
{{- if or (has $service $its.peers) (and $its.tokens (eq $service "identity")) }}
- from:
    - podSelector:
        matchLabels: {{- include "stend.selector" (dict "root" $root "component" $caller) | nindent 10 }}
  ports:
    - protocol: TCP
      port: {{ include "stend.calledPort" (dict "facts" $facts) }}
{{- end }}
{{- end }}
{{- if eq $service "orders" }}
# `helm test` places an order.
- from:
    - podSelector:
        matchLabels: {{- include "stend.selector" (dict "root" $root "component" "test") | nindent 10 }}
  ports:
    - protocol: TCP
      port: 8000
{{- end }}
{{- end -}}
