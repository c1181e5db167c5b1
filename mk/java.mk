# SPDX-License-Identifier: Apache-2.0
#
# The policy controller: what runs is laid out under build/stage, the launcher in bin/, the jars in controller/.

STAGE      ?= build/stage
MVN        ?= mvn -B -ntp
CONTROLLER := $(STAGE)/controller/hauberk.jar

CONTROLLER_SOURCES := pom.xml policy-controller/pom.xml docs/rule-set.schema.json \
	$(shell find policy-controller/src/main -type f 2>/dev/null)

.PHONY: controller test-java format-java java-tools clean-java

controller: java-tools $(CONTROLLER) ## build the hauberk command into build/stage

$(CONTROLLER): $(CONTROLLER_SOURCES) policy-controller/launcher/hauberk
	rm -rf policy-controller/target/lib $(STAGE)/controller
	$(MVN) -q -pl policy-controller -am -DskipTests -Dspotless.check.skip package
	install -d $(STAGE)/controller $(STAGE)/bin
	cp -r policy-controller/target/lib $(STAGE)/controller/lib
	install -m 0755 policy-controller/launcher/hauberk $(STAGE)/bin/hauberk
	install -m 0644 policy-controller/target/hauberk.jar $@

test-java: java-tools ## unit tests of the policy controller, and its format
	$(MVN) -pl policy-controller -am verify

format-java: java-tools ## format the Java sources
	$(MVN) -q spotless:apply

java-tools:
	@scripts/apt-need openjdk-17-jdk-headless maven

clean: clean-java

clean-java:
	rm -rf policy-controller/target
