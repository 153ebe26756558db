# The shared library shows what is public and nothing else: no CAF, no minds, no messages.
# Run as: cmake -D NM=… -D LIBRARY=… -P exports.cmake
execute_process(COMMAND ${NM} -D --defined-only -C ${LIBRARY} OUTPUT_VARIABLE shown COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9a-f]+ [TDBR] [^\n]+" shown "${shown}")
if(NOT shown)
  message(SEND_ERROR "nothing is exported")
endif()
foreach(symbol IN LISTS shown)
  if(NOT symbol MATCHES " ammo::(name_of|sentence_of|failure|fact_named|words_of|check|fit|plain|to_text|to_html|version|off_policy_judge|reward_model|\
policy_view|host_policy|creator_view|creator_policy|options|report|diagnosis|runtime|simulate|drafts|write_drafts|default_signals|find_signal|names_of|kind_list|embed_texts|embed_columns|csv_kind|rendered|customs_of|label_of|log_sink|trace_context|trace_scope|executor|text_of)(::|\\(|\\[)")
    message(SEND_ERROR "exported, and not public: ${symbol}")
  endif()
endforeach()
