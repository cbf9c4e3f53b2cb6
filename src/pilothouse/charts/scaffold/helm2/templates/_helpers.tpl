{{/* The chart's name, or what stands for it. */}}
{{- define "<CHARTNAME>.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/*
The name of the objects: release and chart, the release alone where it is named
after the chart. Names of Kubernetes are no longer than 63 letters.
*/}}
{{- define "<CHARTNAME>.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $whole := printf "%s-%s" .Release.Name $name -}}
{{- if contains $name .Release.Name -}}
{{- $whole = .Release.Name -}}
{{- end -}}
{{- .Values.fullnameOverride | default $whole | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Name and version, as labels have them. */}}
{{- define "<CHARTNAME>.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "<CHARTNAME>.labels" -}}
app.kubernetes.io/name: {{ include "<CHARTNAME>.name" . }}
helm.sh/chart: {{ include "<CHARTNAME>.chart" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ quote . }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* The account of the pods. */}}
{{- define "<CHARTNAME>.serviceAccountName" -}}
{{- $usual := "default" -}}
{{- if .Values.serviceAccount.create -}}
{{- $usual = include "<CHARTNAME>.fullname" . -}}
{{- end -}}
{{ .Values.serviceAccount.name | default $usual }}
{{- end -}}
