{{/* The name of an engine that an operator makes for this release: {root, engine}. */}}
{{- define "stend.engineName" -}}
{{- printf "%s-%s" (include "stend.fullname" .root) .engine -}}
{{- end -}}

{{/*
Where the address of an engine comes from: "values", "secret", "operator", or nothing: {root, engine}.
What is said last counts least: a Secret, a URL, the operator.
*/}}
{{- define "stend.engineSource" -}}
{{- $wanted := index .root.Values.engines .engine -}}
{{- if $wanted.existingSecret.name -}}secret
{{- else if $wanted.url -}}values
{{- else if .root.Values.engines.operators.enabled -}}operator
{{- end -}}
{{- end -}}

{{/*
The variable with the address of an engine: {root, engine, secret}.
secret: name of the Secret with what the values say.
*/}}
{{- define "stend.engineEnv" -}}
{{- $engines := include "stend.engines" .root | fromYaml -}}
{{- $facts := index $engines .engine -}}
{{- $wanted := index .root.Values.engines .engine -}}
{{- $name := include "stend.engineName" . -}}
{{- $source := include "stend.engineSource" . -}}
- name: {{ $facts.variable }}
{{- if eq $source "secret" }}
  valueFrom:
    secretKeyRef:
      name: {{ $wanted.existingSecret.name | quote }}
      key: {{ $wanted.existingSecret.key | quote }}
{{- else if eq $source "values" }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .engine }}
{{- else if $facts.operator.secret }}
  valueFrom:
    secretKeyRef:
      name: {{ $facts.operator.secret | replace "{name}" $name | quote }}
      key: {{ $facts.operator.key | quote }}
{{- else }}
  value: {{ $facts.operator.url | replace "{name}" $name | quote }}
{{- end }}
{{- if and (eq .engine "kafka") (ne $wanted.securityProtocol "PLAINTEXT") }}
- name: STEND_KAFKA_SECURITY_PROTOCOL
  value: {{ $wanted.securityProtocol }}
{{- if eq $wanted.securityProtocol "SASL_SSL" }}
{{- range $variable, $key := dict "STEND_KAFKA_SASL_USERNAME" $wanted.sasl.usernameKey "STEND_KAFKA_SASL_PASSWORD" $wanted.sasl.passwordKey }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $wanted.sasl.secret | quote }}
      key: {{ $key | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What network policies may say of an engine: {root, engine}. */}}
{{- define "stend.engineEgress" -}}
{{- $engines := include "stend.engines" .root | fromYaml -}}
{{- $facts := index $engines .engine -}}
{{- $wanted := index .root.Values.engines .engine -}}
{{- $source := include "stend.engineSource" . -}}
- ports:
    - protocol: TCP
      port: {{ default $facts.port $wanted.port }}
{{- if $wanted.to }}
  to: {{- toYaml $wanted.to | nindent 4 }}
{{- else if eq $source "operator" }}
  to:
    - podSelector:
        matchLabels:
          {{- range $label, $value := $facts.operator.labels }}
          {{ $label }}: {{ $value | replace "{name}" (include "stend.engineName" $) }}
          {{- end }}
{{- end }}
{{- end -}}

{{/* The keys of the chart's own Secret: what the values say, and nothing else. */}}
{{- define "stend.engineSecretData" -}}
{{- range $engine, $facts := include "stend.engines" . | fromYaml }}
{{- if eq (include "stend.engineSource" (dict "root" $ "engine" $engine)) "values" }}
{{ $engine }}: {{ (index $.Values.engines $engine).url | quote }}
{{- end }}
{{- end }}
{{- end -}}
