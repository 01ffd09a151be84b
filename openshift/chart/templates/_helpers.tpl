{{- define "backup-storage.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* As the chart before it built it: claims and selectors are found by this name. */}}
{{- define "backup-storage.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "backup-storage.selectorLabels" -}}
app.kubernetes.io/name: {{ include "backup-storage.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "backup-storage.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "backup-storage.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "backup-storage.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "backup-storage.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The folder of backup.conf is a volume of its own; the root folder cannot be one. */}}
{{- define "backup-storage.confFolder" -}}
{{- $folder := dir .Values.env.BACKUP_CONF.value }}
{{- if or (eq $folder "/") (eq $folder ".") }}/conf{{ else }}{{ $folder }}{{ end }}
{{- end }}

{{/* What somebody wrote without quotes is a number here, and a large one would get an exponent. */}}
{{- define "backup-storage.text" -}}
{{- if kindIs "invalid" . }}
{{- else if kindIs "float64" . }}
{{- . | int64 }}
{{- else }}
{{- . }}
{{- end }}
{{- end }}

{{- define "backup-storage.secretData" -}}
{{- range $name, $setting := .Values.env }}
{{- if $setting.secure }}
{{ $name | kebabcase }}: {{ include "backup-storage.text" $setting.value | b64enc | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "backup-storage.podMetadata" -}}
metadata:
  annotations:
    # Variables are read at the start only.
    checksum/secret: {{ include "backup-storage.secretData" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "backup-storage.selectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
