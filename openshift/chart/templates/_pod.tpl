{{/*
The pod of every role: service (always there), backup and verify (one run of a CronJob), check (helm test). Takes a dict
of Values, Chart, Release and role.
*/}}
{{- define "backup-storage.pod" -}}
{{- $fullname := include "backup-storage.fullname" . -}}
serviceAccountName: {{ include "backup-storage.serviceAccountName" . }}
automountServiceAccountToken: false
# No variables such as POSTGRESQL_PORT=tcp://… from the cluster.
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add .Values.shutdownGraceSeconds 30 }}
{{- if ne .role "service" }}
restartPolicy: Never
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .Chart.Name }}
    image: {{ printf "%s:%s" .Values.image.repository (toString .Values.image.tag) | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    {{- with .Values.command }}
    command:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if eq .role "service" }}
    {{- with .Values.args }}
    args:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - name: http
        containerPort: 8080
    # Neither asks a database: restarting this pod mends none.
    livenessProbe:
      httpGet:
        path: /livez
        port: http
      initialDelaySeconds: 10
      periodSeconds: 30
      timeoutSeconds: 10
      failureThreshold: 5
    readinessProbe:
      httpGet:
        path: /readyz
        port: http
      periodSeconds: 30
      timeoutSeconds: 10
    {{- else }}
    args: {{ get (dict "backup" (list "-s") "verify" (list "-s" "-v" "all") "check" (list "-c" "--check")) .role | toJson }}
    {{- end }}
    {{- with .Values.credentialsSecret }}
    envFrom:
      - secretRef:
          name: {{ . }}
    {{- end }}
    env:
      - name: BACKUP_CONF
        value: {{ include "backup-storage.confFolder" . }}/{{ base .Values.env.BACKUP_CONF.value }}
      - name: VERIFICATION_DIR
        value: {{ .Values.persistence.verification.mountPath }}
      {{- range $name, $secret := .Values.secretFiles }}
      - name: {{ $name }}_FILE
        value: /secrets/{{ $name }}/{{ $secret.key }}
      {{- end }}
      - name: HTTP_PORT
        value: "8080"
      - name: SHUTDOWN_GRACE
        value: {{ .Values.shutdownGraceSeconds }}s
      {{- if .Values.db.enabled }}
      - name: DATABASE_USER
        valueFrom:
          secretKeyRef:
            name: {{ .Values.db.secretName }}
            key: {{ .Values.db.usernameKey }}
      {{- if not (hasKey .Values.secretFiles "DATABASE_PASSWORD") }}
      - name: DATABASE_PASSWORD
        valueFrom:
          secretKeyRef:
            name: {{ .Values.db.secretName }}
            key: {{ .Values.db.passwordKey }}
      {{- end }}
      {{- end }}
      {{- range $name, $setting := omit .Values.env "BACKUP_CONF" }}
      - name: {{ $name }}
        {{- if $setting.secure }}
        valueFrom:
          secretKeyRef:
            name: {{ $fullname }}-secrets
            key: {{ $name | kebabcase }}
        {{- else if $setting.existingSecret }}
        valueFrom:
          secretKeyRef:
            name: {{ $setting.existingSecret.name }}
            key: {{ $setting.existingSecret.key }}
        {{- else }}
        value: {{ include "backup-storage.text" $setting.value | quote }}
        {{- end }}
      {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      {{- range $name, $volume := include "backup-storage.volumesOfPod" . | fromYaml }}
      - name: {{ $name }}-vol
        mountPath: {{ $volume.mountPath }}
        {{- if $volume.readOnly }}
        readOnly: true
        {{- end }}
      {{- end }}
      # Folders, never a subPath: only so does a change of a Secret, or of backupConfig, reach the running pod.
      {{- range $name, $secret := .Values.secretFiles }}
      - name: {{ include "backup-storage.volumeOfSecret" $name }}
        mountPath: /secrets/{{ $name }}
        readOnly: true
      {{- end }}
      - name: config-vol
        mountPath: {{ include "backup-storage.confFolder" . }}
        readOnly: true
      - name: tmp
        mountPath: /tmp
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  {{- range $name, $volume := include "backup-storage.volumesOfPod" . | fromYaml }}
  - name: {{ $name }}-vol
    {{- if $volume.ephemeral }}
    # Made for this pod, and removed with it.
    ephemeral:
      volumeClaimTemplate:
        spec:
          {{- include "backup-storage.claim" $volume | nindent 10 }}
    {{- else }}
    persistentVolumeClaim:
      claimName: {{ default (printf "%s-%s-pvc" $fullname $name) $volume.claimName }}
    {{- end }}
  {{- end }}
  {{- range $name, $secret := .Values.secretFiles }}
  - name: {{ include "backup-storage.volumeOfSecret" $name }}
    secret:
      secretName: {{ $secret.name }}
      items:
        - key: {{ $secret.key }}
          path: {{ $secret.key }}
  {{- end }}
  - name: config-vol
    configMap:
      name: {{ $fullname }}-config
      items:
        - key: backup-file
          path: {{ base .Values.env.BACKUP_CONF.value }}
  - name: tmp
    emptyDir: {}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and (eq .role "check") (eq .Values.mode "service") (not .Values.affinity) }}
# A volume of the service that only one node may mount is there.
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "backup-storage.selectorLabels" . | nindent 12 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A backup needs no room for a scratch server. */}}
{{- define "backup-storage.volumesOfPod" -}}
{{- if eq .role "backup" }}
{{- toYaml (omit .Values.persistence "verification") }}
{{- else }}
{{- toYaml .Values.persistence }}
{{- end }}
{{- end }}

{{- define "backup-storage.claim" -}}
{{- with .storageClassName }}
storageClassName: {{ . }}
{{- end }}
accessModes:
  - {{ .storageAccessMode }}
resources:
  requests:
    storage: {{ .size }}
{{- end }}

{{- define "backup-storage.volumeOfSecret" -}}
secret-{{ . | lower | replace "_" "-" | trunc 50 | trimAll "-" }}
{{- end }}
