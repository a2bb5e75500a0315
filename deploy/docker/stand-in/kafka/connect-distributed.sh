#!/usr/bin/env bash
exec /opt/kafka/bin/java-class org.apache.kafka.connect.cli.ConnectDistributed "$@"
