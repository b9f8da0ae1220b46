// The functions that Node offers to addons of Node-API 8, as binding.gyp asks for, and those that it looks for in one.
import nodeApi from 'node-api-headers';

export const nodeApiSymbols = new Set(
  Object.entries(nodeApi.symbols)
    .filter(([version]) => Number(version.slice(1)) <= 8)
    .flatMap(([, lists]) => Object.values(lists).flat()),
);

export const nodeLooksFor = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
