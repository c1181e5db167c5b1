// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the engine itself other modules may call: hosts that describe a
 * guest, and the code of compiled guests.
 */
#include <linux/export.h>

#include "../core/wasm/compiled.h"
#include "../core/wasm/error.h"
#include "../core/wasm/instance.h"
#include "../core/wasm/interp.h"
#include "../core/wasm/validate.h"
#include "account.h"
#include "compiled.h"
#include "instance.h"
#include "stack.h"

/* For people. */
EXPORT_SYMBOL_GPL(hbk_wasm_feature_name);
EXPORT_SYMBOL_GPL(hbk_wasm_kind_name);
EXPORT_SYMBOL_GPL(hbk_wasm_trap_name);
EXPORT_SYMBOL_GPL(hbk_wasm_value_type_name);

/* For hosts. */
EXPORT_SYMBOL_GPL(hbk_wasm_export_find);
EXPORT_SYMBOL_GPL(hbk_wasm_signature_matches);

/* Calls and fuel. */
EXPORT_SYMBOL_GPL(hbk_compiled_call);
EXPORT_SYMBOL_GPL(hbk_compiled_call_indirect);
EXPORT_SYMBOL_GPL(hbk_compiled_enter_slow);
EXPORT_SYMBOL_GPL(hbk_compiled_refill);
EXPORT_SYMBOL_GPL(hbk_compiled_spend_less);
EXPORT_SYMBOL_GPL(hbk_wasm_call_function);
EXPORT_SYMBOL_GPL(hbk_wasm_refill);
EXPORT_SYMBOL_GPL(hbk_wasm_type_equal);

/* Memories, tables and segments. */
EXPORT_SYMBOL_GPL(hbk_wasm_data_drop);
EXPORT_SYMBOL_GPL(hbk_wasm_element_drop);
EXPORT_SYMBOL_GPL(hbk_wasm_memory_copy);
EXPORT_SYMBOL_GPL(hbk_wasm_memory_fill);
EXPORT_SYMBOL_GPL(hbk_wasm_memory_grow);
EXPORT_SYMBOL_GPL(hbk_wasm_memory_init);
EXPORT_SYMBOL_GPL(hbk_wasm_table_copy);
EXPORT_SYMBOL_GPL(hbk_wasm_table_fill);
EXPORT_SYMBOL_GPL(hbk_wasm_table_get);
EXPORT_SYMBOL_GPL(hbk_wasm_table_grow);
EXPORT_SYMBOL_GPL(hbk_wasm_table_init);
EXPORT_SYMBOL_GPL(hbk_wasm_table_set);

/* All that running a guest takes: for the core test suite, whose modules import from each other. */
EXPORT_SYMBOL_GPL(hbk_account_init);
EXPORT_SYMBOL_GPL(hbk_compiled_get);
EXPORT_SYMBOL_GPL(hbk_compiled_put);
EXPORT_SYMBOL_GPL(hbk_guest_world);
EXPORT_SYMBOL_GPL(hbk_stack_call);
EXPORT_SYMBOL_GPL(hbk_stack_describe);
EXPORT_SYMBOL_GPL(hbk_stack_give_slowly);
EXPORT_PER_CPU_SYMBOL_GPL(hbk_stack_nearest);
EXPORT_SYMBOL_GPL(hbk_stack_take_slowly);
EXPORT_SYMBOL_GPL(hbk_stack_waiters);
EXPORT_SYMBOL_GPL(hbk_wasm_compiled_fits);
EXPORT_SYMBOL_GPL(hbk_wasm_compiled_floats);
EXPORT_SYMBOL_GPL(hbk_wasm_compiled_integers);
EXPORT_SYMBOL_GPL(hbk_wasm_error_set);
EXPORT_SYMBOL_GPL(hbk_wasm_instance_export);
EXPORT_SYMBOL_GPL(hbk_wasm_instance_free);
EXPORT_SYMBOL_GPL(hbk_wasm_instance_new);
EXPORT_SYMBOL_GPL(hbk_wasm_instance_start);
EXPORT_SYMBOL_GPL(hbk_wasm_interp);
EXPORT_SYMBOL_GPL(hbk_wasm_invoke);
EXPORT_SYMBOL_GPL(hbk_wasm_module_free);
EXPORT_SYMBOL_GPL(hbk_wasm_refusal_name);
EXPORT_SYMBOL_GPL(hbk_wasm_validate);
