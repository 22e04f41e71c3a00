{{/* Labels of every object. Those of users don't replace them, because policies and Services select by them. */}}
{{- define "artifact-store-operator.labels" -}}
{{- toYaml (merge (dict "app.kubernetes.io/name" "artifact-store-operator" "app.kubernetes.io/part-of" "artifact-store-operator") .Values.commonLabels) }}
{{- end }}

{{/* By digest where there is one. */}}
{{- define "artifact-store-operator.image" -}}
{{- .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
