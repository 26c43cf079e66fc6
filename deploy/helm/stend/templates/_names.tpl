{{/* Names that others can count on: RELEASE, or RELEASE-stend; short enough for a suffix. */}}
{{- define "stend.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of one component: {root, component}. These never change: a selector cannot. */}}
{{- define "stend.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "stend.labels" -}}
{{ include "stend.selector" . }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "stend.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "stend.services" -}}
{{- .Files.Get "files/services.yaml" -}}
{{- end -}}

{{- define "stend.engines" -}}
{{- .Files.Get "files/engines.yaml" -}}
{{- end -}}

{{/* The Service names under which `name` is found: every one of them may stand in Host. */}}
{{- define "stend.hostsOf" -}}
{{- $name := .name -}}{{- $namespace := .root.Release.Namespace -}}
{{- list $name (printf "%s.%s" $name $namespace) (printf "%s.%s.svc" $name $namespace) (printf "%s.%s.svc.%s" $name $namespace .root.Values.clusterDomain) | join "," -}}
{{- end -}}

{{/*
stand.allowed_hosts of a pod: {root, name}. The HTTP port answers to no other name (against DNS
rebinding). Probes say localhost; Prometheus and `kubectl port-forward` come by the pod's address.
*/}}
{{- define "stend.allowedHosts" -}}
{{- $hosts := list "localhost" "127.0.0.1" "[::1]" "$(POD_IP)" "[$(POD_IP)]" (include "stend.hostsOf" .) -}}
{{- with .root.Values.ingress -}}
{{- if .enabled -}}
{{- $hosts = append $hosts .host -}}
{{- if .grpc.host -}}{{- $hosts = append $hosts .grpc.host -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- concat $hosts .root.Values.allowedHosts | uniq | join "," -}}
{{- end -}}

{{/* "trace.per_second" -> STEND_TRACE_PER_SECOND; those of stand need no section. */}}
{{- define "stend.variable" -}}
{{- printf "STEND_%s" (. | trimPrefix "stand." | replace "." "_" | upper) -}}
{{- end -}}

{{- define "stend.secretName" -}}
{{- printf "%s-engines" (include "stend.fullname" .) -}}
{{- end -}}

{{- define "stend.authSecretName" -}}
{{- default (printf "%s-auth" (include "stend.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}
