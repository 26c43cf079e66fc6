{{/* Every port of a stand, as rows of {name, port, h2c}; what the values leave out is left out. */}}
{{- define "stend.standPorts" -}}
ports:
  - {name: http, port: 8000, shown: true, tap: http}
  - {name: grpc, port: 8001, shown: true, h2c: true, tap: grpc}
  - {name: delivery, port: 8002, shown: true, h2c: true, tap: delivery}
  - {name: postgresql, port: 8010, tap: postgresql}
  - {name: mysql, port: 8011, tap: mysql}
  - {name: mongodb, port: 8012, tap: mongodb}
  - {name: redis, port: 8013, tap: redis}
  - {name: amqp, port: 8014, tap: amqp}
  - {name: kafka, port: 8015, tap: kafka}
  {{- if eq (index .Values.settings "kafka.brokers" | toString) "3" }}
  - {name: kafka-2, port: 8016, tap: kafka-2}
  - {name: kafka-3, port: 8017, tap: kafka-3}
  {{- end }}
  - {name: management, port: 8018, tap: management}
  - {name: gateway, port: 8080, tap: gateway}
  - {name: gateway-tls, port: 8443, tap: gateway-tls}
{{- end -}}
