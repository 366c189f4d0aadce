{{- define "vmcp.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "vmcp.labels" -}}
app.kubernetes.io/name: virtualmcpserver
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
