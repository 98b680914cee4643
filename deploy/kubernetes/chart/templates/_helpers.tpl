{{- define "countersign.name" -}}
{{- default "countersign" .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "countersign.labels" -}}
{{ include "countersign.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: countersign
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "countersign.selector" -}}
app.kubernetes.io/name: ca-server
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* An image by digest, else by tag, else by the version of this chart. */}}
{{- define "countersign.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "countersign.passphraseSecret" -}}
{{- .Values.keys.passphraseSecret.name | default (printf "%s-passphrase" (include "countersign.name" .)) -}}
{{- end -}}

{{/* As the restricted Pod Security Standard asks, and a root file system that stays as it is. */}}
{{- define "countersign.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Roles for people, as opposed to the server's own. */}}
{{- define "countersign.isAdminRole" -}}
{{- if has . (list "countersign-viewer" "countersign-policy-admin" "countersign-security-admin") -}}yes{{- end -}}
{{- end -}}

{{/* Namespaces that nobody injects. */}}
{{- define "countersign.excludedNamespaces" -}}
{{- $all := concat (list "kube-system" "kube-public" "kube-node-lease" .Release.Namespace) .Values.injection.excludedNamespaces -}}
{{- toJson (uniq $all) -}}
{{- end -}}

{{/* Where a webhook is: by URL, else the Service. */}}
{{- define "countersign.webhookClient" -}}
{{- if .root.Values.webhook.url -}}
url: {{ printf "%s%s" (trimSuffix "/" .root.Values.webhook.url) .path | quote }}
{{- else -}}
service: {name: countersign-webhook, namespace: {{ .root.Release.Namespace }}, path: {{ .path | quote }}, port: 443}
{{- end -}}
{{- end -}}

{{/* What the server is told, server.config merged over it. */}}
{{- define "countersign.serverConfig" -}}
{{- $names := .Values.webhook.dnsNames | default (list (printf "countersign-webhook.%s.svc" .Release.Namespace)) -}}
{{- $config := dict
  "trustDomain" .Values.trustDomain
  "listen" "0.0.0.0:8443"
  "dataDirectory" "/var/lib/countersign"
  "keys" (dict "store" .Values.keys.store "passphraseFile" "/etc/countersign/passphrase/passphrase")
  "admin" (dict "socket" "/run/countersign/admin.sock")
  "ops" (dict "listen" "0.0.0.0:9090")
  "log" (dict "format" "json" "level" .Values.server.logLevel)
  "kubernetes" (dict "namespace" .Release.Namespace "allowOldKubernetes" .Values.allowOldKubernetes)
  "policies" (dict "rootNamespace" .Release.Namespace)
  "attestation" (dict "audiences" (list .Values.attestation.audience))
  "admission" (dict "listen" (printf "0.0.0.0:%d" (int .Values.webhook.port)) "dnsNames" $names "mutating" (ternary "countersign-injection" "" .Values.injection.enabled))
-}}
{{- if .Values.policies.istio -}}
{{- $_ := set $config.policies "istio" true -}}
{{- end -}}
{{- if .Values.policies.guardTraffic -}}
{{- $_ := set $config.admission "guardTraffic" .Values.policies.guardTraffic -}}
{{- end -}}
{{- if eq .Values.store.type "postgresql" -}}
{{- $_ := set $config "store" (dict "url" (required "store.postgresql.url: missing (expected: jdbc:postgresql://host:5432/database)" .Values.store.postgresql.url) "user" .Values.store.postgresql.user "passwordFile" "/etc/countersign/database/password") -}}
{{- end -}}
{{- if .Values.injection.enabled -}}
{{- $injection := dict
  "image" (include "countersign.image" (dict "image" .Values.image.agent "root" .))
  "pullPolicy" .Values.image.pullPolicy
  "caAddress" (printf "countersign.%s.svc:8443" .Release.Namespace)
  "audience" .Values.attestation.audience
  "mode" .Values.injection.mode
  "default" .Values.injection.default
  "nativeSidecars" .Values.injection.nativeSidecars
  "tokenLife" .Values.injection.tokenLife
  "rewriteProbes" .Values.injection.rewriteProbes
  "agentUid" (int .Values.injection.agentUid)
  "logLevel" .Values.injection.logLevel
  "resources" .Values.injection.resources
-}}
{{- $_ := set $config "injection" $injection -}}
{{- end -}}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.server.config)) -}}
{{- end -}}
