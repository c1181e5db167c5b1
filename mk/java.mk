# SPDX-License-Identifier: Apache-2.0
#
# The policy controller: what runs is laid out under build/stage, the launcher in bin/ with the engine's own program
# beside it, the jars in controller/, and in kit/ the headers that compiled guests include.

STAGE      ?= build/stage
MVN        ?= mvn -B -ntp
CONTROLLER := $(STAGE)/controller/hauberk.jar

CONTROLLER_SOURCES := pom.xml policy-controller/pom.xml docs/rule-set.schema.json \
	proxy-wasm-filters/include/proxy_wasm.h \
	$(shell find policy-controller/src/main -type f 2>/dev/null)

.PHONY: controller test-java format-java java-tools clean-java

controller: java-tools $(CONTROLLER) $(STAGE)/bin/hauberk-wasm $(STAGE)/kit/.laid-out ## build the hauberk command into build/stage

$(CONTROLLER): $(CONTROLLER_SOURCES) policy-controller/launcher/hauberk
	rm -rf policy-controller/target/lib $(STAGE)/controller
	$(MVN) -q -pl policy-controller -am -DskipTests -Dspotless.check.skip package
	install -d $(STAGE)/controller $(STAGE)/bin
	cp -r policy-controller/target/lib $(STAGE)/controller/lib
	install -m 0755 policy-controller/launcher/hauberk $(STAGE)/bin/hauberk
	install -m 0644 policy-controller/target/hauberk.jar $@

$(STAGE)/bin/hauberk-wasm: build/wasm/hauberk-wasm
	install -D -m 0755 $< $@

KIT_HEADERS := $(wildcard kmod/core/*.h kmod/core/wasm/*.h kmod/include/*/*.h)

$(STAGE)/kit/.laid-out: $(KIT_HEADERS)
	rm -rf $(STAGE)/kit/core $(STAGE)/kit/include
	for header in $(KIT_HEADERS:kmod/%=%); do \
		install -D -m 0644 kmod/$$header $(STAGE)/kit/$$header || exit 1; \
	done
	touch $@

test-java: java-tools probes ## unit tests of the policy controller, and its format
	$(MVN) -pl policy-controller -am verify

format-java: java-tools ## format the Java sources
	$(MVN) -q spotless:apply

java-tools:
	@scripts/apt-need openjdk-17-jdk-headless maven

clean: clean-java

clean-java:
	rm -rf policy-controller/target
