{{/* What every pod has: a user, and no token of the cluster. */}}
{{- define "stend.podSecurity" -}}
automountServiceAccountToken: false
# For every Service of the namespace, Kubernetes sets NAME_PORT and more. Of one called stend these
# would be settings that nobody knows, and the stand refuses to start with them.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  # PostgreSQL and the keys of identity refuse files that their group may write, which is what
  # Kubernetes makes of them where it changes the owner of everything at every start.
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "stend.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "stend.containerImage" -}}
image: {{ include "stend.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end -}}

{{/* A probe by HTTP: {path, more}. The port answers to names that it knows, and not to an address. */}}
{{- define "stend.httpGet" -}}
httpGet:
  path: {{ . }}
  port: http
  httpHeaders:
    - name: Host
      value: localhost
{{- end -}}

{{/*
Gives a pod that ends the time to be forgotten by Services and gateways, which hear of it at the same
moment as the process.
*/}}
{{- define "stend.lifecycle" -}}
lifecycle:
  preStop:
    sleep:
      seconds: 5
{{- end -}}

{{/* Environment of every container that runs a part of the stand: {root, name}. */}}
{{- define "stend.commonEnv" -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: STEND_ROOT
  value: /var/lib/stend
- name: STEND_HOST
  value: 0.0.0.0
- name: STEND_PORT_BASE
  value: "8000"
- name: STEND_LANG
  value: {{ .root.Values.language }}
- name: STEND_ALLOWED_HOSTS
  value: {{ include "stend.allowedHosts" . | quote }}
{{- if .root.Values.auth.required }}
- name: STEND_AUTH_REQUIRED
  value: "true"
{{- end }}
{{- range $name, $value := .root.Values.settings }}
- name: {{ include "stend.variable" $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/*
Secrets of the shop: {root, all}. Who issues tokens knows all of them, who gets one its own, and who
checks calls knows the keys of partners.
*/}}
{{- define "stend.authEnv" -}}
{{- if or .root.Values.auth.required .root.Values.auth.existingSecret -}}
{{- $secret := include "stend.authSecretName" .root -}}
{{- range $variable, $key := .keys }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret | quote }}
      key: {{ $key }}
      # orders has to have one; a stand without clients or partners goes without the others.
      optional: {{ ne $key "ordersClientSecret" }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Changes with what the pod reads from Secrets that this chart makes, so that it is rolled. */}}
{{- define "stend.checksum" -}}
checksum/secrets: {{ printf "%s%s" (include "stend.engineSecretData" .) (toJson .Values.auth) | sha256sum }}
{{- end -}}
